/** Scripts of the presence in Redis. A node's keys live and expire together; `users` holds the connection ids of each user. */

/** KEYS: nodes, node, connections, users. ARGV: node id, ttl, then (id, user id, JSON) for each connection. */
export const putScript = `
local time = redis.call('TIME')
redis.call('ZADD', KEYS[1], time[1] * 1000 + math.floor(time[2] / 1000), ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2] * 6)
for at = 3, #ARGV, 3 do
  local id, user = ARGV[at], ARGV[at + 1]
  if redis.call('HSET', KEYS[3], id, ARGV[at + 2]) == 1 then
    local ids = redis.call('HGET', KEYS[4], user)
    redis.call('HSET', KEYS[4], user, ids and (ids .. ' ' .. id) or id)
  end
end
local left = redis.call('PTTL', KEYS[2])
if left < 0 then left = ARGV[2] end
for at = 3, 4 do
  if redis.call('PTTL', KEYS[at]) == -1 then redis.call('PEXPIRE', KEYS[at], left) end
end
return 1
`;

/** KEYS: connections, users. ARGV: (id, user id) for each connection. */
export const removeScript = `
for at = 1, #ARGV, 2 do
  local gone, user = ARGV[at], ARGV[at + 1]
  if redis.call('HDEL', KEYS[1], gone) == 1 then
    local rest = {}
    for id in string.gmatch(redis.call('HGET', KEYS[2], user) or '', '%S+') do
      if id ~= gone then rest[#rest + 1] = id end
    end
    if #rest == 0 then
      redis.call('HDEL', KEYS[2], user)
    else
      redis.call('HSET', KEYS[2], user, table.concat(rest, ' '))
    end
  end
end
return 1
`;

/**
 * KEYS: nodes, node, connections, users. ARGV: node id, ttl, JSON, '1' to begin anew. Returns 1 when the node was known,
 * and its connections with it.
 */
export const refreshScript = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2] * 6)
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2] * 6)
local known = redis.call('EXISTS', KEYS[2])
if ARGV[4] == '1' then
  redis.call('DEL', KEYS[3], KEYS[4])
  known = 0
end
redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[2])
redis.call('PEXPIRE', KEYS[3], ARGV[2])
redis.call('PEXPIRE', KEYS[4], ARGV[2])
return known
`;
