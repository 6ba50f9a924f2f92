import { describe, expect, it } from 'vitest'
import { userLabel } from '../../../src/devtools/inspected'

describe('userLabel', () => {
  it.each([
    [{ public: { name: 'Ada' }, user: { name: 'Lovelace' } }, 'Ada'],
    [{ public: { theme: 'dark' }, user: { login: 'ada' } }, 'ada'],
    [{ public: 'x', user: 7 }, '7'],
    [{}, undefined],
  ])('names the user of %j %s', (data, label) => {
    expect(userLabel(data, undefined)).toBe(label)
  })

  it('adds the user id, unless the name is the id', () => {
    expect(userLabel({ public: { name: 'Ada' } }, '42')).toBe('Ada (42)')
    expect(userLabel({ user: { id: 42 } }, '42')).toBe('42')
    expect(userLabel({}, '42')).toBe('42')
  })

  it('is short, because each event of the user has it', () => {
    const long = 'x'.repeat(100_000)
    const cut = `${'x'.repeat(200)}…`
    expect(userLabel({}, long)).toBe(cut)
    expect(userLabel({ user: { name: long } }, long)).toBe(cut)
    expect(userLabel({ public: { name: 'Ada' } }, long)).toBe(`Ada (${cut})`)
  })
})
