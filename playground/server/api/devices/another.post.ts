const DEVICES = [
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0',
  'Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36',
]

/** Simulates another device, by a request without this browser's cookies. */
export default defineEventHandler(async (event) => {
  const { userId } = await requireSession(event, {
    userId: true, config: { name: 'devices' },
  })
  const count = await countSessions({ userId }, { name: 'devices' })
  await $fetch<unknown>('/api/devices/login', {
    method: 'POST',
    body: { name: userId },
    headers: { 'user-agent': DEVICES[count % DEVICES.length]! },
  })
  return sendNoContent(event)
})
