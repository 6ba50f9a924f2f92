import { RECORD_HEAD, RECORD_MIDDLE, TIME_WIDTH, TOMBSTONE_HEAD } from '../record'
import { INDEX_STEP } from './redis-index'

const TIMES_AT = RECORD_HEAD.length
const MIDDLE_AT = TIMES_AT + TIME_WIDTH
const TIMES_END = MIDDLE_AT + RECORD_MIDDLE.length + TIME_WIDTH

// Out of memory, Redis refuses only the first write of a script; a deletion is never refused.
const EVEN_IF_FULL = `redis.call('DEL', KEYS[1])`

// An entry is the handle in 32 bytes, which takes half of the memory.
const ENTRY_OF = `
  local function entryOf(handle)
    return (string.gsub(handle, '..', function(byte) return string.char(tonumber(byte, 16)) end))
  end`

const TRIM = `
  local function trim(set, now)
    local ended = redis.call('ZRANGEBYSCORE', set, '-inf', now, 'LIMIT', 0, 100)
    if #ended > 0 then redis.call('ZREM', set, unpack(ended)) end
    return #ended
  end`

/** Never shortens an entry's life; the set expires with its last entry. */
const ADD_FROM = (first: number) => `${ENTRY_OF}${TRIM}
  for at = ${first}, #KEYS do
    redis.call('ZADD', KEYS[at], 'GT', ARGV[2], entryOf(ARGV[1]))
    trim(KEYS[at], ARGV[3])
    local last = redis.call('ZRANGE', KEYS[at], -1, -1, 'WITHSCORES')
    if last[2] then redis.call('PEXPIREAT', KEYS[at], string.format('%.0f', last[2] * ${INDEX_STEP})) end
  end`

/**
 * The atomic steps as Lua scripts, for Redis 6.2 or later. The first key is the session's; the others are sets of the
 * index. `''` means that an argument is absent. Times in the index are in steps.
 */
export const REDIS_SCRIPTS = {
  /** handle, entry's end, now, expected, value, until, whether even if full (0 or 1) → whether the value was written (0 or 1), and the value before. */
  'h3session:compareAndSet': `
  local found = redis.call('GET', KEYS[1])
  if (found or '') ~= ARGV[4] then return {0, found} end
  if ARGV[7] == '1' then ${EVEN_IF_FULL} end
  ${ADD_FROM(2)}
  redis.call('SET', KEYS[1], ARGV[5], 'PXAT', ARGV[6])
  return {1}`,

  /** handle, expected, tombstone, until → as above. Even if full. */
  'h3session:putTombstone': `${ENTRY_OF}
  local found = redis.call('GET', KEYS[1])
  local isTombstone = found and string.sub(found, 1, ${TOMBSTONE_HEAD.length}) == '${TOMBSTONE_HEAD}'
  if isTombstone or (ARGV[2] ~= '' and found ~= ARGV[2]) then return {0, found} end
  ${EVEN_IF_FULL}
  redis.call('SET', KEYS[1], ARGV[3], 'PXAT', ARGV[4])
  for at = 2, #KEYS do redis.call('ZREM', KEYS[at], entryOf(ARGV[1])) end
  return {1, found}`,

  /** handle, entry's end, now, times as text, lastSeenAt, expiresAt → the present value. */
  'h3session:touch': `
  local head = redis.call('GETRANGE', KEYS[1], 0, ${TIMES_END - 1})
  local isRecord = string.sub(head, 1, ${TIMES_AT}) == '${RECORD_HEAD}'
    and string.sub(head, ${MIDDLE_AT + 1}, ${MIDDLE_AT + RECORD_MIDDLE.length}) == '${RECORD_MIDDLE}'
  if isRecord and tonumber(string.sub(head, ${TIMES_AT + 1}, ${MIDDLE_AT})) <= tonumber(ARGV[5]) then
    ${ADD_FROM(2)}
    redis.call('SETRANGE', KEYS[1], ${TIMES_AT}, ARGV[4])
    redis.call('PEXPIREAT', KEYS[1], ARGV[6])
  end
  return redis.call('GET', KEYS[1])`,

  /** handle, entry's end, now. All keys are sets. */
  'h3session:add': ADD_FROM(1),

  /** handle. */
  'h3session:remove': `${ENTRY_OF}
  redis.call('ZREM', KEYS[1], entryOf(ARGV[1]))`,

  /** now → how many entries were removed. */
  'h3session:trim': `${TRIM}
  return trim(KEYS[1], ARGV[1])`,

  /** end, handle, limit → entries after these, in order of their end and then of their handle: each handle and its end. */
  'h3session:page': `
  local digits = setmetatable({}, { __index = function(known, byte)
    known[byte] = string.format('%02x', string.byte(byte))
    return known[byte]
  end })
  local function handleOf(entry) return (string.gsub(entry, '.', digits)) end
  local start = redis.call('ZCOUNT', KEYS[1], '-inf', '(' .. ARGV[1])
  if ARGV[2] ~= '' then
    local stop = start + redis.call('ZCOUNT', KEYS[1], ARGV[1], ARGV[1])
    while start < stop do
      local middle = math.floor((start + stop) / 2)
      if handleOf(redis.call('ZRANGE', KEYS[1], middle, middle)[1]) <= ARGV[2] then start = middle + 1 else stop = middle end
    end
  end
  local entries = redis.call('ZRANGE', KEYS[1], start, start + ARGV[3] - 1, 'WITHSCORES')
  for at = 1, #entries, 2 do entries[at] = handleOf(entries[at]) end
  return entries`,
}
