-- Operations of the store. Redis runs a script alone, from its first line to its last. Each section that begins with
-- `--- NAME` is the script of one operation, below the lines before the first section; the sections after `--- tools` are
-- below that one too. An operation that many requests need makes as few calls and functions as it can.
--
-- KEYS[1] is what every key of the document begins with. Below it are: `epoch`, which tells a server that lost its data;
-- `writes`, a counter from which versions come; `scopes`, the set of the scopes that are begun; and for each scope `items:`,
-- a hash with the epoch in the field `epoch`, the last number in `last`, and by a colon and the identity the version, a space
-- and the JSON; and `order:`, the identities by the version that they were inserted with, which is the order of creation.
--
-- A version is a number of `writes` times 2^20, and one more with each replacement (`redis.rs` adds it).
--
-- ARGV: the epoch, the scope, then what the operation takes.

local prefix, epoch, scope = KEYS[1], ARGV[1], ARGV[2]
local items, order = prefix .. 'items:' .. scope, prefix .. 'order:' .. scope

-- Says why a hash is not of this epoch; nothing where its scope was not begun.
local function fault(marked)
    if redis.call('GET', prefix .. 'epoch') ~= epoch then return redis.error_reply('LOST') end
    if marked or redis.call('SISMEMBER', prefix .. 'scopes', scope) == 1 then
        return redis.error_reply('DAMAGED')
    end
end

--- number
local marked = redis.call('HGET', items, 'epoch')
if marked ~= epoch then return fault(marked) or false end
return redis.call('HINCRBY', items, 'last', 1)

--- insert
-- The identity, the value, the most items, how far a number may be beyond the last to be counted.
local id, field = ARGV[3], ':' .. ARGV[3]
local known = redis.call('HMGET', items, 'epoch', 'last', field)
if known[1] ~= epoch then return fault(known[1]) or {'unbegun', false} end
if known[3] then return {'taken', false} end
local write = redis.call('INCR', prefix .. 'writes')
redis.call('ZADD', order, write, id)
redis.call('HSET', items, field, string.format('%.0f ', write * 2 ^ 20) .. ARGV[4])
local last, number = tonumber(known[2]), string.find(id, '^%+?%d+$') and tonumber(id)
if number and number > last and number - last <= tonumber(ARGV[6]) then
    redis.call('HSET', items, 'last', string.format('%.0f', number))
end
if redis.call('ZCARD', order) <= tonumber(ARGV[5]) then return {'done', false} end
local evicted = redis.call('ZPOPMIN', order)[1]
redis.call('HDEL', items, ':' .. evicted)
return {'done', evicted}

--- replace
-- The identity, the version with a space, the new one with a space or nothing where `writes` is to give it, the value.
local known = redis.call('HMGET', items, 'epoch', ':' .. ARGV[3])
if known[1] ~= epoch then return fault(known[1]) or 0 end
if not known[2] or string.sub(known[2], 1, #ARGV[4]) ~= ARGV[4] then return 0 end
local version = ARGV[5]
if version == '' then version = string.format('%.0f ', redis.call('INCR', prefix .. 'writes') * 2 ^ 20) end
redis.call('HSET', items, ':' .. ARGV[3], version .. ARGV[6])
return 1

--- tools
local scopes = prefix .. 'scopes'

local function items_of(of) return prefix .. 'items:' .. of end
local function order_of(of) return prefix .. 'order:' .. of end

-- Whether the scope was begun, or what is wrong with it. What evicts keys may take one of the two that a scope has.
local function read()
    local marked = redis.call('HGET', items, 'epoch')
    if marked ~= epoch then return fault(marked) or false end
    if redis.call('HLEN', items) ~= redis.call('ZCARD', order) + 2 then return redis.error_reply('DAMAGED') end
    return true
end

local function forget(of)
    redis.call('DEL', items_of(of), order_of(of))
    redis.call('SREM', scopes, of)
end

-- Begins a scope with the last number, and pairs of identity and value from a place of ARGV.
local function begin(of, last, from, size)
    redis.call('DEL', items_of(of), order_of(of))
    redis.call('SADD', scopes, of)
    redis.call('HSET', items_of(of), 'epoch', epoch, 'last', last)
    for at = from, from + 2 * size - 2, 2 do
        local write = redis.call('INCR', prefix .. 'writes')
        redis.call('HSET', items_of(of), ':' .. ARGV[at], string.format('%.0f ', write * 2 ^ 20) .. ARGV[at + 1])
        redis.call('ZADD', order_of(of), write, ARGV[at])
    end
end

local function values(of, ids)
    local found, fields = {}, {}
    for at, id in ipairs(ids) do fields[at] = ':' .. id end
    for from = 1, #ids, 1000 do
        local some = redis.call('HMGET', items_of(of), unpack(fields, from, math.min(from + 999, #ids)))
        for _, value in ipairs(some) do found[#found + 1] = value end
    end
    return found
end

--- get
local begun = read()
if begun ~= true then return begun or {'unbegun', false} end
local found = redis.call('HGET', items, ':' .. ARGV[3])
return found and {'item', found} or {'missing', false}

--- page
-- Where the page begins (`at` a number, `after` an identity), and how many items it has at most.
local begun = read()
if begun ~= true then return begun or false end
local count, from = redis.call('ZCARD', order), ARGV[3] == 'at' and tonumber(ARGV[4]) or 0
if ARGV[3] == 'after' then
    local rank = redis.call('ZRANK', order, ARGV[4])
    from = rank and rank + 1 or 0
end
from = math.min(from, count)
local size = math.min(tonumber(ARGV[5]), count - from)
local ids = size > 0 and redis.call('ZRANGE', order, from, from + size - 1) or {}
return {count, from, ids, values(scope, ids)}

--- begin
-- The most scopes, the last number, pairs.
local begun = read()
if begun then return begun == true and 1 or begun end
if redis.call('SCARD', scopes) >= tonumber(ARGV[3]) then return 0 end
begin(scope, ARGV[4], 5, (#ARGV - 4) / 2)
return 1

--- remove
-- The identity, the most scopes; then for each collection below what the keys of scopes below the item begin with,
-- the key of the scope that is to stay begun or nothing, and whether those found are to stay so.
local begun = read()
if begun ~= true then return begun or {'unbegun', false} end
local old = redis.call('HGET', items, ':' .. ARGV[3])
if not old then return {'missing', false} end
redis.call('HDEL', items, ':' .. ARGV[3])
redis.call('ZREM', order, ARGV[3])
local known = #ARGV > 4 and redis.call('SMEMBERS', scopes) or {}
for at = 5, #ARGV, 3 do
    local stem, child, stays = ARGV[at], ARGV[at + 1], ARGV[at + 2] == '1'
    for _, below in ipairs(known) do
        if string.sub(below, 1, #stem) == stem then
            forget(below)
            if stays then begin(below, 0, 1, 0) end
        end
    end
    local is_new = child ~= '' and redis.call('SISMEMBER', scopes, child) == 0
    if is_new and redis.call('SCARD', scopes) < tonumber(ARGV[4]) then begin(child, 0, 1, 0) end
end
return {'item', old}

--- restore
-- For each scope: its key, its last number, its size, pairs.
for _, known in ipairs(redis.call('SMEMBERS', scopes)) do forget(known) end
redis.call('SET', prefix .. 'epoch', epoch)
local at = 3
while at < #ARGV do
    local size = tonumber(ARGV[at + 2])
    begin(ARGV[at], ARGV[at + 1], at + 3, size)
    at = at + 3 + 2 * size
end
return 1

--- snapshot
if redis.call('GET', prefix .. 'epoch') ~= epoch then return redis.error_reply('LOST') end
local all = {}
for _, known in ipairs(redis.call('SMEMBERS', scopes)) do
    local ids = redis.call('ZRANGE', order_of(known), 0, -1)
    all[#all + 1] = {known, ids, values(known, ids)}
end
return all
