import { RECORD_HEAD, RECORD_MIDDLE, TIME_WIDTH, TOMBSTONE_HEAD } from '../record'

const TIMES_AT = RECORD_HEAD.length
const MIDDLE_AT = TIMES_AT + TIME_WIDTH
const TIMES_END = MIDDLE_AT + RECORD_MIDDLE.length + TIME_WIDTH

// Out of memory, Redis refuses only the first write of a script; a deletion is never refused.
const EVEN_IF_FULL = `redis.call('DEL', KEYS[1])`

const TRIM = `
  local ended = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, 100)
  if #ended > 0 then redis.call('ZREM', KEYS[1], unpack(ended)) end`

/**
 * The atomic steps as Lua scripts, for Redis 6.2 or later. Each uses only its one key, so it runs on a cluster too.
 * `''` means that an argument is absent.
 */
export const REDIS_SCRIPTS = {
  /** expected, value, until, whether even if full (0 or 1) → whether the value was written (0 or 1), and the value before. */
  'h3session:compareAndSet': `
  local found = redis.call('GET', KEYS[1])
  if (found or '') ~= ARGV[1] then return {0, found} end
  if ARGV[4] == '1' then ${EVEN_IF_FULL} end
  redis.call('SET', KEYS[1], ARGV[2], 'PXAT', ARGV[3])
  return {1}`,

  /** expected, tombstone, until → as above. Even if full. */
  'h3session:putTombstone': `
  local found = redis.call('GET', KEYS[1])
  local isTombstone = found and string.sub(found, 1, ${TOMBSTONE_HEAD.length}) == '${TOMBSTONE_HEAD}'
  if isTombstone or (ARGV[1] ~= '' and found ~= ARGV[1]) then return {0, found} end
  ${EVEN_IF_FULL}
  redis.call('SET', KEYS[1], ARGV[2], 'PXAT', ARGV[3])
  return {1, found}`,

  /** times as text, lastSeenAt, expiresAt → the present value. */
  'h3session:touch': `
  local head = redis.call('GETRANGE', KEYS[1], 0, ${TIMES_END - 1})
  local isRecord = string.sub(head, 1, ${TIMES_AT}) == '${RECORD_HEAD}'
    and string.sub(head, ${MIDDLE_AT + 1}, ${MIDDLE_AT + RECORD_MIDDLE.length}) == '${RECORD_MIDDLE}'
  if isRecord and tonumber(string.sub(head, ${TIMES_AT + 1}, ${MIDDLE_AT})) <= tonumber(ARGV[2]) then
    redis.call('SETRANGE', KEYS[1], ${TIMES_AT}, ARGV[1])
    redis.call('PEXPIREAT', KEYS[1], ARGV[3])
  end
  return redis.call('GET', KEYS[1])`,

  /** ended before, expiresAt, handle. Never shortens an entry's life; the set expires with its last entry. */
  'h3session:add': `
  redis.call('ZADD', KEYS[1], 'GT', ARGV[2], ARGV[3])
  ${TRIM}
  local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
  if last[2] then redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', tonumber(last[2]))) end`,

  /** ended before. */
  'h3session:trim': TRIM,

  /** score, handle, limit → entries after these, in order of score and then handle, each with its score. */
  'h3session:page': `
  local start = redis.call('ZCOUNT', KEYS[1], '-inf', '(' .. ARGV[1])
  if ARGV[2] ~= '' then
    local stop = start + redis.call('ZCOUNT', KEYS[1], ARGV[1], ARGV[1])
    while start < stop do
      local middle = math.floor((start + stop) / 2)
      if redis.call('ZRANGE', KEYS[1], middle, middle)[1] <= ARGV[2] then start = middle + 1 else stop = middle end
    end
  end
  return redis.call('ZRANGE', KEYS[1], start, start + ARGV[3] - 1, 'WITHSCORES')`,
}
