import { keySizes, MAX_KEYS } from '../../../src/runtime/server/devtools/key-sizes'
import type { KeySize } from '../../../src/runtime/server/devtools/key-sizes'
import type { DataResponse, InspectorLimits } from '../../../src/devtools/protocol'
import { formatBytes } from './format'
import { plainKey } from './plain-text'
import { sizeLimit } from './size-limit'
import type { PanelSession } from './state'

/** `share`: of the limit or, without one, of the session; from 0 to 1 or above. */
export interface SizeRow { label: string, bytes: number, share: number, isKey: boolean }

/** A seal encodes its content as base64url: 4 characters for 3 bytes. */
const SEAL_FACTOR = 4 / 3

const MAX_NAMED = 10

/** What takes how much of a session, the largest key first. `body` is absent if it is too large to show. */
export function sizeRows(session: PanelSession, body: DataResponse | undefined, limits: InspectorLimits): SizeRow[] {
  const { storage, recordBytes = 0, bytes } = session
  const isStored = storage !== undefined
  const factor = isStored ? 1 : SEAL_FACTOR
  const keys = (body ? keySizes(body.data) : session.sizes ?? []).map(size => toPart(size, factor))
  const flash = body?.flash ? [toPart({ key: '', bytes: sum(keySizes(body.flash)) }, factor)] : []
  const total = isStored ? recordBytes : bytes
  const rest = total - sum(keys) - sum(flash)
  const parts = [
    ...keys.map(part => ({ ...part, isKey: true })),
    ...flash.filter(part => part.bytes > 0).map(part => ({ ...part, label: 'Flash data', isKey: false })),
    ...rest > 0 ? [{ label: restLabel(isStored, keys.length), bytes: rest, isKey: false }] : [],
  ]
  const whole = sizeLimit(session, limits) ?? Math.max(total, sum(parts))
  return parts.map(part => ({ ...part, share: whole > 0 ? part.bytes / whole : 0 }))
}

/** The largest keys of a session that is too large for its cookies, each with its size in the cookies, like the limit. */
export function largestKeys(sizes: readonly KeySize[]): string {
  return sizes.slice(0, MAX_NAMED).map(size => toPart(size, SEAL_FACTOR)).map(({ label, bytes }) => `${label} ${formatBytes(bytes)}`).join(', ')
}

/** What the shares of the rows are of. */
export function shareSentence(session: PanelSession, limits: InspectorLimits): string {
  return `Shares are of the ${sizeLimit(session, limits) === undefined ? 'session\'s size' : 'limit'}.`
}

function restLabel(isStored: boolean, keys: number): string {
  if (keys < MAX_KEYS) return isStored ? 'Other fields of the record' : 'Other fields, and the seal'
  return isStored ? 'Other keys, other fields of the record' : 'Other keys, other fields, and the seal'
}

function toPart({ key, bytes }: KeySize, factor: number): { label: string, bytes: number } {
  return { label: plainKey(key), bytes: Math.round(bytes * factor) }
}

function sum(sizes: readonly { bytes: number }[]): number {
  return sizes.reduce((total, { bytes }) => total + bytes, 0)
}
