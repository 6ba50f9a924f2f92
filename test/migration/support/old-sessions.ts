import { mkdtempSync, rmSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** The directory in which the old app stores its sessions, one file each. */
export class OldSessions {
  readonly path = mkdtempSync(join(tmpdir(), 'old-sessions-'))

  constructor() {
    afterAll(() => rmSync(this.path, { recursive: true }))
  }

  async read(id: string): Promise<Record<string, unknown>> {
    return JSON.parse(await readFile(join(this.path, id), 'utf8'))
  }

  async write(id: string, record: object): Promise<void> {
    await writeFile(join(this.path, id), JSON.stringify(record))
  }

  /** Changes the stored session. */
  async change(id: string, patch: object): Promise<void> {
    await this.write(id, { ...await this.read(id), ...patch })
  }

  /** Moves the migration of a session `ms` into the past. */
  async ageMigration(id: string, ms: number): Promise<void> {
    const file = join(this.path, 'migrated', id)
    await writeFile(file, String(Number(await readFile(file, 'utf8')) - ms))
  }
}
