import { expect, it } from 'vitest'
import { KeyQueue } from '../../../src/runtime/core/store/key-queue'
import { SessionError } from '../../../src/runtime/core/model/errors'
import { settle } from './support/fake-environment'

it('tasks of one key run one after the other, tasks of different keys at once', async () => {
  const queue = new KeyQueue(Date.now)
  const log: string[] = []
  const task = (name: string) => async () => {
    log.push(`${name} starts`)
    await settle()
    log.push(`${name} ends`)
  }
  await Promise.all([queue.run('a', task('first')), queue.run('a', task('second')), queue.run('b', task('other'))])
  expect(log).toEqual(['first starts', 'other starts', 'first ends', 'second starts', 'other ends', 'second ends'])
})

it('a failing task does not stop the next one', async () => {
  const queue = new KeyQueue(Date.now)
  const failing = queue.run('a', () => Promise.reject(new Error('mine')))
  const next = queue.run('a', () => Promise.resolve('done'))
  await expect(failing).rejects.toThrow('mine')
  await expect(next).resolves.toBe('done')
})

it('knows when a task of a key last ended, unless the store was unavailable', async () => {
  let now = 1000
  const seen: unknown[] = []
  const queue = new KeyQueue(() => now)
  const unavailable = new SessionError('SESSION_STORE_UNAVAILABLE', 'no answer')
  const tasks = [() => Promise.resolve(), () => Promise.reject(unavailable), () => Promise.reject(new Error('mine')), settle].map(task => async () => {
    seen.push(queue.answeredAt('a'))
    await settle()
    now++
    return task()
  })
  await Promise.allSettled(tasks.map(task => queue.run('a', task)))
  expect(seen).toEqual([undefined, 1001, 1001, 1003])
  await settle()
  expect(queue.answeredAt('a')).toBeUndefined()
})

it('keeps no entry for a key without tasks', async () => {
  const queue = new KeyQueue(Date.now)
  await Promise.allSettled(Array.from({ length: 100 }, (_, index) => queue.run(`${index % 10}`, index % 2 ? settle : () => Promise.reject(new Error('mine')))))
  await settle()
  expect(queue.size).toBe(0)
})
