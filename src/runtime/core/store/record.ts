import { dropProtoKeys, isDataObject, isFilledString, isTime, mayHoldProtoKeys } from '../model/data'
import { DEFAULT_NAME, isIdleTimeout, isTooDeep } from '../model/shape'
import type { Alive, Ended, Found, RecordTimes, SessionRecord, Tombstone } from './store'

// The times have a fixed place and width, so that a backend can replace and compare them inside the text.
export const RECORD_HEAD = '{"v":1,"lastSeenAt":'
export const RECORD_MIDDLE = ',"expiresAt":'
export const TOMBSTONE_HEAD = '{"v":1,"dead":'
export const TIME_WIDTH = 13
const LAST_TIME = 10 ** TIME_WIDTH - 1

// 32 bytes as base64url.
const COORDINATE = /^[\w-]{43}$/

const OPTIONAL: Record<string, (value: unknown) => boolean> = {
  authenticatedAt: isTime,
  userId: isFilledString,
  epoch: isTime,
  appEpoch: isTime,
  replaces: isFilledString,
  lineage: isString,
  maxAge: value => isTime(value) && (value as number) > 0,
  idleTimeout: isIdleTimeout,
  name: isString,
  flash: isDataObject,
  device: isDevice,
  userAgent: isString,
  ip: isString,
}

/** Whether this is the key of a bound session. */
function isDevice(value: unknown): boolean {
  return isDataObject(value) && isTime(value.at) && [value.x, value.y].every(each => typeof each === 'string' && COORDINATE.test(each))
}

/** Formats a time with 13 characters. JSON allows the leading spaces. */
export function fixedTime(time: number): string {
  return String(Math.max(0, Math.min(Math.trunc(time), LAST_TIME))).padStart(TIME_WIDTH)
}

/** The text of a record's times, between RECORD_HEAD and the next comma. */
export function encodeTimes({ lastSeenAt, expiresAt }: RecordTimes): string {
  return `${fixedTime(lastSeenAt)}${RECORD_MIDDLE}${fixedTime(expiresAt)}`
}

/**
 * `writes`: the write ids of the last writers. Each stored session pays for every character: the ids and `replaces` have
 * names of one letter, and the default name of a session and a user's first epoch are left out.
 */
export function encodeRecord({ lastSeenAt, expiresAt, replaces, name, epoch, ...record }: SessionRecord, writes?: string): string {
  const rest = { w: writes, r: replaces, name: name === DEFAULT_NAME ? undefined : name ?? '', epoch: record.userId !== undefined && epoch === 0 ? undefined : epoch, ...record }
  return `${RECORD_HEAD}${encodeTimes({ lastSeenAt, expiresAt })},${JSON.stringify(rest).slice(1)}`
}

/** Escapes JSON to ASCII, because a database may use any character set. */
export function asciiJson(json: string): string {
  return json.replaceAll(/[\u0080-\uFFFF]/g, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** `write`: the id of this write. */
export function encodeTombstone({ reason, until, successor, lineage }: Tombstone, write?: string): string {
  return `${TOMBSTONE_HEAD}${JSON.stringify(reason)},${JSON.stringify({ until: Math.trunc(until), w: write, successor, lineage }).slice(1)}`
}

/** The tombstone in a value, as text with another successor, and its end. `undefined` if it has this one, or is no tombstone. */
export function withSuccessor(raw: unknown, successor: string): { text: string, until: number } | undefined {
  const value = parse(textOf(raw))
  if (!isTombstone(value) || !isTime(value.until) || value.successor === successor) return undefined
  return { text: JSON.stringify({ ...value, successor }), until: value.until }
}

/** Decodes a value as the driver returns it: text or parsed JSON. */
export function decode(raw: unknown): Found {
  if (isNothing(raw)) return undefined
  const version = textOf(raw)
  const value = isTooDeep(version) ? undefined : parse(version)
  if (isTombstone(value)) {
    const { dead, successor, lineage } = value
    return { dead: dead === 'superseded' ? dead : 'revoked', successor: textOrNothing(successor), lineage: textOrNothing(lineage) }
  }
  if (mayHoldProtoKeys(version)) dropProtoKeys(value)
  const record = recordIn(value)
  return record === undefined ? { malformed: true } : { record, version }
}

/** Returns when a record or tombstone ends; `undefined` for any other value. */
export function endOf(raw: unknown): number | undefined {
  const value = isNothing(raw) ? undefined : parse(textOf(raw))
  if (isTombstone(value)) return isTime(value.until) ? value.until : undefined
  return recordIn(value)?.expiresAt
}

/** Whether a value as the driver returns it equals this text or its parsed JSON. */
export function isSameText(raw: unknown, text: string | undefined): boolean {
  if (isNothing(raw) || text === undefined) return isNothing(raw) && text === undefined
  return typeof raw === 'string' ? raw === text : textOf(raw) === JSON.stringify(parse(text))
}

export function isNothing(raw: unknown): raw is undefined | null {
  return raw === undefined || raw === null
}

export function isAlive(found: Found): found is Alive {
  return found !== undefined && 'record' in found
}

export function isEnded(found: Found): found is Ended {
  return found !== undefined && 'dead' in found
}

/** The text of a value as the driver returns it; `''`, which is no record, if it is not JSON. */
export function textOf(raw: unknown): string {
  if (typeof raw === 'string') return raw
  try {
    return JSON.stringify(raw) ?? ''
  }
  catch {
    return ''
  }
}

/** Returns `undefined` if the text is not JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  }
  catch {
    return undefined
  }
}

/** Accepts any reason, because a later version may add one. */
function isTombstone(value: unknown): value is { dead: string, until: number | undefined, successor?: unknown, lineage?: unknown } {
  return isDataObject(value) && value.v === 1 && typeof value.dead === 'string'
}

function recordIn(value: unknown): SessionRecord | undefined {
  if (!isDataObject(value) || value.v !== 1) return undefined
  const { v, w, r, name = DEFAULT_NAME, ...record } = value
  if (r !== undefined) record.replaces = r
  if (name !== '') record.name = name
  if (record.userId !== undefined) record.epoch ??= 0
  return isRecord(record) ? record : undefined
}

function isRecord(record: Record<string, unknown>): record is Record<string, unknown> & SessionRecord {
  if (!isTime(record.createdAt) || !isTime(record.lastSeenAt) || !isTime(record.expiresAt) || !isDataObject(record.data)) return false
  for (const name in OPTIONAL) {
    if (record[name] !== undefined && !OPTIONAL[name]!(record[name])) return false
  }
  return true
}

function isString(value: unknown): value is string {
  return typeof value === 'string'
}

function textOrNothing(value: unknown): string | undefined {
  return isString(value) ? value : undefined
}
