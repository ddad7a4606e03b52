-- Every operation of the store: one call is one of these functions, which Redis runs alone.
--
-- KEYS[1] is what every key of the document begins with. Below it are: `epoch`, which tells a server that lost its data;
-- `begun`, the number of scopes that were ever begun; `scopes`, the set of those that are; and for each scope `items:`, by
-- a colon and the identity the version, a space and the JSON, and in the empty field the epoch, the last number, how many
-- items there are and the last version; and `order:`, the identities in the order of creation.
--
-- ARGV: the operation, the epoch, the scope, then what the operation takes.

local prefix, operation, epoch, scope = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local a, b, c, d = ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local scopes = prefix .. 'scopes'
-- Of the scope: what the empty field of its hash says, where it is begun.
local last, count, version

local function items(of) return prefix .. 'items:' .. of end
local function order(of) return prefix .. 'order:' .. of end

local function numbers() return string.format('%s %.0f %.0f %.0f', epoch, last, count, version) end

-- Begins a scope without items. Its versions are not those of an earlier scope of its name.
local function begin(of, from)
    redis.call('DEL', items(of), order(of))
    last, count, version = from, 0, redis.call('INCR', prefix .. 'begun') * 2 ^ 30
    redis.call('SADD', scopes, of)
    redis.call('HSET', items(of), '', numbers())
end

local function forget(of)
    redis.call('DEL', items(of), order(of))
    redis.call('SREM', scopes, of)
end

local function text(value) return string.format('%.0f ', version) .. value end

-- Begins a scope with pairs of identity and value, from a place of ARGV.
local function fill(of, first, from, size)
    begin(of, first)
    for at = from, from + 2 * size - 2, 2 do
        version = version + 1
        redis.call('HSET', items(of), ':' .. ARGV[at], text(ARGV[at + 1]))
        redis.call('ZADD', order(of), version, ARGV[at])
    end
    count = size
    redis.call('HSET', items(of), '', numbers())
end

local function values(of, ids)
    local found, fields = {}, {}
    for at, id in ipairs(ids) do fields[at] = ':' .. id end
    for from = 1, #ids, 1000 do
        local some = redis.call('HMGET', items(of), unpack(fields, from, math.min(from + 999, #ids)))
        for _, value in ipairs(some) do found[#found + 1] = value end
    end
    return found
end

local run = {}

function run.get()
    if not last then return {'unbegun', false} end
    local found = redis.call('HGET', items(scope), ':' .. a)
    return found and {'item', found} or {'missing', false}
end

-- Where the page begins (`at` a number, `after` an identity), and how many items it has at most.
function run.page()
    if not last then return false end
    local from = a == 'at' and tonumber(b) or 0
    if a == 'after' then
        local rank = redis.call('ZRANK', order(scope), b)
        from = rank and rank + 1 or 0
    end
    from = math.min(from, count)
    local size = math.min(tonumber(c), count - from)
    local ids = size > 0 and redis.call('ZRANGE', order(scope), from, from + size - 1) or {}
    return {count, from, ids, values(scope, ids)}
end

-- The most scopes, the last number, pairs.
function run.begin()
    if last then return 1 end
    if redis.call('SCARD', scopes) >= tonumber(a) then return 0 end
    fill(scope, tonumber(b), 6, (#ARGV - 5) / 2)
    return 1
end

function run.number()
    if not last then return false end
    last = last + 1
    redis.call('HSET', items(scope), '', numbers())
    return last
end

-- The identity, the value, the most items, how far a number may be beyond the last to be counted.
function run.insert()
    if not last then return {'unbegun', false} end
    if redis.call('HEXISTS', items(scope), ':' .. a) == 1 then return {'taken', false} end
    version = version + 1
    redis.call('ZADD', order(scope), version, a)
    local evicted
    if count >= tonumber(c) then
        evicted = redis.call('ZPOPMIN', order(scope))[1]
        redis.call('HDEL', items(scope), ':' .. evicted)
    else
        count = count + 1
    end
    local number = string.match(a, '^%+?%d+$') and tonumber(a)
    if number and number > last and number - last <= tonumber(d) then last = number end
    redis.call('HSET', items(scope), ':' .. a, text(b), '', numbers())
    return {'done', evicted or false}
end

-- The identity, the version, the value.
function run.replace()
    local old = last and redis.call('HGET', items(scope), ':' .. a)
    if not old or string.match(old, '^%d+') ~= b then return 0 end
    version = version + 1
    redis.call('HSET', items(scope), ':' .. a, text(c), '', numbers())
    return 1
end

-- The identity, the most scopes; then for each collection below what the keys of scopes below the item begin with,
-- the key of the scope that is to stay begun or nothing, and whether those found are to stay so.
function run.remove()
    if not last then return {'unbegun', false} end
    local old = redis.call('HGET', items(scope), ':' .. a)
    if not old then return {'missing', false} end
    redis.call('HDEL', items(scope), ':' .. a)
    redis.call('ZREM', order(scope), a)
    count = count - 1
    redis.call('HSET', items(scope), '', numbers())
    local begun = #ARGV > 5 and redis.call('SMEMBERS', scopes) or {}
    for at = 6, #ARGV, 3 do
        local stem, child, stays = ARGV[at], ARGV[at + 1], ARGV[at + 2] == '1'
        for _, below in ipairs(begun) do
            if string.sub(below, 1, #stem) == stem then
                forget(below)
                if stays then begin(below, 0) end
            end
        end
        local is_new = child ~= '' and redis.call('SISMEMBER', scopes, child) == 0
        if is_new and redis.call('SCARD', scopes) < tonumber(b) then begin(child, 0) end
    end
    return {'item', old}
end

-- For each scope: its key, its last number, its size, pairs.
function run.restore()
    for _, known in ipairs(redis.call('SMEMBERS', scopes)) do forget(known) end
    redis.call('SET', prefix .. 'epoch', epoch)
    local at = 4
    while at < #ARGV do
        local size = tonumber(ARGV[at + 2])
        fill(ARGV[at], tonumber(ARGV[at + 1]), at + 3, size)
        at = at + 3 + 2 * size
    end
    return 1
end

function run.snapshot()
    local all = {}
    for _, known in ipairs(redis.call('SMEMBERS', scopes)) do
        local ids = redis.call('ZRANGE', order(known), 0, -1)
        all[#all + 1] = {known, ids, values(known, ids)}
    end
    return all
end

local function read()
    local known = redis.call('HGET', items(scope), '')
    local marked
    if known then
        marked, last, count, version = string.match(known, '^(%S+) (%d+) (%d+) (%d+)$')
        last, count, version = tonumber(last), tonumber(count), tonumber(version)
    end
    -- A hash of this epoch is whole, for Redis evicts keys; what else a scope needs is its order.
    if marked ~= epoch then
        if redis.call('GET', prefix .. 'epoch') ~= epoch then return redis.error_reply('LOST') end
        if known or redis.call('SISMEMBER', scopes, scope) == 1 then return redis.error_reply('DAMAGED') end
    elseif operation ~= 'replace' and redis.call('ZCARD', order(scope)) ~= count then
        return redis.error_reply('DAMAGED')
    end
end

return operation ~= 'restore' and read() or run[operation]()
