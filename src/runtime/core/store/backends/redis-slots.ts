const SLOTS = 16_384
const COPIES = 128

/** The cluster slot of a key: CRC16 (XMODEM) of the part in braces, else of all. */
export function slotOf(key: string): number {
  const [, part = key] = /^[^{]*\{([^}]+)\}/.exec(key) ?? []
  let crc = 0
  for (const byte of new TextEncoder().encode(part)) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xFFFF
  }
  return crc % SLOTS
}

/** Suffixes that place the copies of a key over all slots of a cluster, in the order of the slots. */
export const COPY_SUFFIXES: readonly string[] = (() => {
  const suffixes: string[] = []
  for (let number = 0, found = 0; found < COPIES; number++) {
    const suffix = `:{${number}}`
    const at = copyAt(slotOf(suffix))
    if (suffixes[at] !== undefined) continue
    suffixes[at] = suffix
    found++
  }
  return suffixes
})()

/** The suffix of the copy whose slot is next to that of a key. Masters have ranges of slots, so it usually is on the key's master. */
export function copyNextTo(key: string): string {
  return COPY_SUFFIXES[copyAt(slotOf(key))]!
}

function copyAt(slot: number): number {
  return Math.floor(slot * COPIES / SLOTS)
}
