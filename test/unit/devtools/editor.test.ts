import { tmpdir } from 'node:os'
import { expect, it } from 'vitest'
import { openInEditor } from '../../../src/devtools/editor'

it('says that a file does not exist any more', async () => {
  await expect(openInEditor(tmpdir(), 'server/api/no-such-file.ts:3:1')).rejects.toThrow('The file server/api/no-such-file.ts:3:1 does not exist any more.')
})
