import { keySizes } from '../../../src/runtime/server/devtools/key-sizes'
import type { KeySize } from '../../../src/runtime/server/devtools/key-sizes'
import type { DataResponse, InspectorLimits } from '../../../src/devtools/protocol'
import { formatBytes } from './format'
import type { PanelSession } from './state'

/** `share`: of the cookies' limit or, for a stored session, of its record; from 0 to 1 or above. */
export interface SizeRow { label: string, bytes: number, share: number, isKey: boolean }

/** A seal encodes its content as base64url: 4 characters for 3 bytes. */
const SEAL_FACTOR = 4 / 3

/** What takes how much of a session, the largest key first. `body` is absent if it is too large to show. */
export function sizeRows(session: PanelSession, body: DataResponse | undefined, { maxBytes }: InspectorLimits): SizeRow[] {
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
    ...rest > 0 ? [{ label: isStored ? 'Other fields of the record' : 'Other fields, and the seal', bytes: rest, isKey: false }] : [],
  ]
  const whole = isStored ? total : maxBytes
  return parts.map(part => ({ ...part, share: whole > 0 ? part.bytes / whole : 0 }))
}

/** The whole size, in a sentence. */
export function sizeSentence({ storage, recordBytes = 0, bytes, chunks }: PanelSession, { maxBytes }: InspectorLimits): string {
  if (storage !== undefined) return `The record in the store “${storage}” has ${formatBytes(recordBytes)}. Shares are of the record.`
  if (bytes === 0) return 'No cookie was sent yet. The sizes are those of the sealed data.'
  const where = chunks > 1 ? `The ${chunks} cookies have` : 'The cookie has'
  return `${where} ${formatBytes(bytes)}. The limit of all session cookies of a request is ${formatBytes(maxBytes)}; shares are of this limit.`
}

function toPart({ key, bytes }: KeySize, factor: number): { label: string, bytes: number } {
  return { label: key, bytes: Math.round(bytes * factor) }
}

function sum(sizes: readonly { bytes: number }[]): number {
  return sizes.reduce((total, { bytes }) => total + bytes, 0)
}
