import { afterEach, it } from 'vitest'
import { createSessionStore } from '../../src/runtime/core/store/create-store'
import { nodeEnvironment } from './support/node-environment'
import { Opened } from './support/opened'
import { RedisSentinel } from './support/redis-sentinel'
import { isReplicated } from './support/redis-server'
import { Visitors } from './support/visitors'

const opened = new Opened()
afterEach(() => opened.close())

/** Redis with a Sentinel, and visitors of an app with two servers. */
async function start(downAfter: number): Promise<{ redis: RedisSentinel, visitors: Visitors }> {
  const redis = await RedisSentinel.start({ downAfter })
  opened.add(() => redis.stop())
  const stores = [1, 2].map(() => createSessionStore({ driver: opened.driver({ driver: 'redis-sentinel', port: redis.port, failoverDetector: true }) }, nodeEnvironment, { timeout: 20_000 }))
  const visitors = await Visitors.start(stores, Array.from({ length: 6 }, () => nodeEnvironment.hash(Math.random().toString())))
  opened.add(() => visitors.stop())
  await visitors.goOn()
  return { redis, visitors }
}

it('a planned failover loses no acknowledged write if the master pauses writes before', async () => {
  const { redis, visitors } = await start(60_000)
  await redis.master.command('CLIENT', 'PAUSE', '60000', 'WRITE')
  await isReplicated(redis.master)
  await redis.failOver()
  await visitors.goOn()
  await visitors.stop()
  await visitors.expectWrites()
})

it('a master that is killed loses at most what its replica had not confirmed, and nothing is written twice', async () => {
  const { redis, visitors } = await start(1000)
  const mark = visitors.mark()
  await isReplicated(redis.master)
  await redis.master.kill()
  await visitors.goOn()
  await visitors.stop()
  await visitors.expectWrites({ mark, isPossible: () => true })
})
