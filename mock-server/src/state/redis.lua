-- Every operation of the store: one call is one of these functions, which Redis runs alone.
--
-- KEYS[1] is what every key of the document begins with. Below it are: `epoch`, which tells a server that lost its data;
-- `writes`, the number of writes, each of which takes the next number as its item's version; `scopes`, by begun scope its
-- last number and how many items it has; and for each scope `items:`, by identity the version, a space and the JSON, and
-- `order:`, the identities in the order of creation.
--
-- ARGV: the operation, the epoch, the scope, then what the operation takes.

local prefix, operation, epoch, scope = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local a, b, c, d = ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local scopes, writes = prefix .. 'scopes', prefix .. 'writes'
local last, count

local function items(of) return prefix .. 'items:' .. of end
local function order(of) return prefix .. 'order:' .. of end

local function keep(of, numbers, size)
    redis.call('HSET', scopes, of, string.format('%.0f %.0f', numbers, size))
end

local function forget(of)
    redis.call('DEL', items(of), order(of))
    redis.call('HDEL', scopes, of)
end

local function add(of, id, value)
    local version = redis.call('INCR', writes)
    redis.call('HSET', items(of), id, version .. ' ' .. value)
    redis.call('ZADD', order(of), version, id)
end

-- Pairs of identity and value, from a place of ARGV.
local function fill(of, numbers, from, size)
    redis.call('DEL', items(of), order(of))
    for at = from, from + 2 * size - 2, 2 do add(of, ARGV[at], ARGV[at + 1]) end
    keep(of, numbers, size)
end

local function values(of, ids)
    local found = {}
    for from = 1, #ids, 1000 do
        local some = redis.call('HMGET', items(of), unpack(ids, from, math.min(from + 999, #ids)))
        for _, value in ipairs(some) do found[#found + 1] = value end
    end
    return found
end

local run = {}

function run.get()
    if not last then return {'unbegun', false} end
    local found = redis.call('HGET', items(scope), a)
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
    if redis.call('HLEN', scopes) >= tonumber(a) then return 0 end
    fill(scope, tonumber(b), 6, (#ARGV - 5) / 2)
    return 1
end

function run.number()
    if not last then return false end
    keep(scope, last + 1, count)
    return last + 1
end

-- The identity, the value, the most items, how far a number may be beyond the last to be counted.
function run.insert()
    if not last then return {'unbegun', false} end
    if redis.call('HEXISTS', items(scope), a) == 1 then return {'taken', false} end
    add(scope, a, b)
    count = count + 1
    local evicted
    if count > tonumber(c) then
        evicted = redis.call('ZPOPMIN', order(scope))[1]
        redis.call('HDEL', items(scope), evicted)
        count = count - 1
    end
    local number = string.match(a, '^%+?%d+$') and tonumber(a)
    if number and number > last and number - last <= tonumber(d) then last = number end
    keep(scope, last, count)
    return {'done', evicted or false}
end

-- The identity, the version, the value.
function run.replace()
    local old = last and redis.call('HGET', items(scope), a)
    if not old or string.match(old, '^%d+') ~= b then return 0 end
    redis.call('HSET', items(scope), a, redis.call('INCR', writes) .. ' ' .. c)
    return 1
end

-- The identity, the most scopes; then for each collection below what the keys of scopes below the item begin with,
-- the key of the scope that is to stay begun or nothing, and whether those found are to stay so.
function run.remove()
    if not last then return {'unbegun', false} end
    local old = redis.call('HGET', items(scope), a)
    if not old then return {'missing', false} end
    redis.call('HDEL', items(scope), a)
    redis.call('ZREM', order(scope), a)
    keep(scope, last, count - 1)
    local begun = #ARGV > 5 and redis.call('HKEYS', scopes) or {}
    for at = 6, #ARGV, 3 do
        local stem, child, stays = ARGV[at], ARGV[at + 1], ARGV[at + 2] == '1'
        for _, below in ipairs(begun) do
            if string.sub(below, 1, #stem) == stem then
                forget(below)
                if stays then keep(below, 0, 0) end
            end
        end
        if child ~= '' and redis.call('HLEN', scopes) < tonumber(b) then
            redis.call('HSETNX', scopes, child, '0 0')
        end
    end
    return {'item', old}
end

-- For each scope: its key, its last number, its size, pairs.
function run.restore()
    for _, known in ipairs(redis.call('HKEYS', scopes)) do forget(known) end
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
    for _, known in ipairs(redis.call('HKEYS', scopes)) do
        local ids = redis.call('ZRANGE', order(known), 0, -1)
        all[#all + 1] = {known, ids, values(known, ids)}
    end
    return all
end

if operation ~= 'restore' then
    if redis.call('GET', prefix .. 'epoch') ~= epoch then return redis.error_reply('LOST') end
    local known = redis.call('HGET', scopes, scope)
    if known then
        last, count = string.match(known, '^(%d+) (%d+)$')
        last, count = tonumber(last), tonumber(count)
        if redis.call('HLEN', items(scope)) ~= count or redis.call('ZCARD', order(scope)) ~= count then
            return redis.error_reply('DAMAGED')
        end
    end
end
return run[operation]()
