import { describe, expect, it } from 'vitest'
import { isSamePage, isSamePath, isWithinPage } from '../../src/runtime/app/address'

const at = (fullPath: string) => ({ fullPath, hash: fullPath.includes('#') ? fullPath.slice(fullPath.indexOf('#')) : '' })

describe('two addresses are of the same page', () => {
  it.each([
    ['/members', '/members'],
    ['/members', '/members/'],
    ['/members#place', '/members'],
    ['/members?a=1&b=2', '/members/?b=2&a=1#place'],
    ['/members?q=a%20b', '/members?q=a+b'],
    ['/', '/#place'],
    ['/members?', '/members'],
  ])('%s and %s', (one, other) => {
    expect([isSamePage(at(one), at(other)), isSamePage(at(other), at(one))]).toEqual([true, true])
  })

  it.each([
    ['/members', '/'],
    ['/members', '/members/1'],
    ['/members?a=1', '/members'],
    ['/members?a=1', '/members?a=2'],
    ['/members?a=1&a=2', '/members?a=2&a=1'],
    ['/members?a', '/members?b'],
    ['/members', '/Members'],
  ])('but not %s and %s', (one, other) => {
    expect([isSamePage(at(one), at(other)), isSamePage(at(other), at(one))]).toEqual([false, false])
  })
})

it.each([
  ['/members#place', '/members', true],
  ['/members#place', '/members#other', true],
  ['/members', '/members', false],
  ['/members?a=1#place', '/members', false],
])('a link to %s within %s: %s', (to, from, isWithin) => {
  expect(isWithinPage(at(to), at(from))).toBe(isWithin)
})

it('a path is the same with a slash at its end', () => {
  expect([isSamePath('/login/', '/login'), isSamePath('/', ''), isSamePath('/login', '/login/1')]).toEqual([true, true, false])
})
