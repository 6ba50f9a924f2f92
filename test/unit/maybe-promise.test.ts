import { describe, expect, it } from 'vitest'
import { orUndo } from '../../src/runtime/core/utils/maybe-promise'

const failure = new Error('failed')

function createUndo() {
  const undone: unknown[][] = []
  return { undone, undo: (...args: unknown[]) => void undone.push(args) }
}

describe('orUndo', () => {
  it('returns the result of a run that succeeds, at once or later, and undoes nothing', async () => {
    const { undone, undo } = createUndo()
    expect(orUndo(2, number => 2 * number, undo)).toBe(4)
    expect(await orUndo(2, async number => 2 * number, undo)).toBe(4)
    expect(undone).toEqual([])
  })

  it('undoes a run that throws, and throws its error', () => {
    const { undone, undo } = createUndo()
    expect(() => orUndo('subject', () => { throw failure }, undo)).toThrow(failure)
    expect(undone).toEqual([['subject', failure]])
  })

  it('undoes a run that rejects, and rejects with its error', async () => {
    const { undone, undo } = createUndo()
    await expect(orUndo('subject', () => Promise.reject(failure), undo)).rejects.toBe(failure)
    expect(undone).toEqual([['subject', failure]])
  })
})
