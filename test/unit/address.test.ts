import { describe, expect, it } from 'vitest'
import { isSamePage, isSamePath } from '../../src/runtime/app/address'

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
    expect([isSamePage(one, other), isSamePage(other, one)]).toEqual([true, true])
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
    expect([isSamePage(one, other), isSamePage(other, one)]).toEqual([false, false])
  })
})

it('a path is the same with a slash at its end', () => {
  expect([isSamePath('/login/', '/login'), isSamePath('/', ''), isSamePath('/login', '/login/1')]).toEqual([true, true, false])
})
