import { expect, it } from 'vitest'
import { createdText, noteOnName } from '../src/lib/created'
import { response } from './response'

const { limits } = response({})
const server = { names: ['main', 'hdr'], limits }

it('says that no browser gets a session without a cookie, and how to use it', () => {
  const note = 'The session "hdr" has no cookie, so no browser gets it. To use it, open it in Sessions, and copy its header or curl under Export.'
  expect(noteOnName('hdr', server)).toBe(note)
  expect(createdText('hdr', server)).toBe(`The session is created. ${note}`)
})

it('says that no session has the name, and which names are known', () => {
  const note = 'No session "nosuch" is configured, and the server has seen none since it started: check the name. Known: "main", "hdr".'
  expect(noteOnName('nosuch', server)).toBe(note)
  expect(createdText('nosuch', server)).toBe(`This browser now has the new session. ${note}`)
})

it('has no note on a session with a cookie', () => {
  expect(noteOnName('main', server)).toBeUndefined()
  expect(createdText('main', server)).toBe('This browser now has the new session.')
})
