import type { HandlePage } from '../backend'

/** Selects the first `limit` handles after `cursor`, in order. Its memory is a small multiple of `limit`. */
export class FirstHandles {
  private handles: string[] = []
  /** Set once there are more than `limit`. */
  private last: string | undefined

  constructor(private readonly cursor: string | undefined, private readonly limit: number) {}

  add(handle: string): void {
    if (this.cursor !== undefined && handle <= this.cursor) return
    if (this.last !== undefined && handle > this.last) return
    this.handles.push(handle)
    if (this.handles.length > 4 * this.limit) this.cut()
  }

  page(): HandlePage {
    this.cut()
    return { handles: this.handles, cursor: this.last }
  }

  private cut(): void {
    this.handles.sort()
    if (this.handles.length <= this.limit) return
    this.handles.length = this.limit
    this.last = this.handles.at(-1)
  }
}
