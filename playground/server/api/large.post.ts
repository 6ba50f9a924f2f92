import { SessionError } from '#session'

export default defineEventHandler(async (event) => {
  const body = await readBody<{ bytes?: number }>(event)
  const bytes = Math.min(Math.max(Number(body?.bytes) || 0, 0), 10_000)

  const session = await useSession(event, { name: 'large' })
  try {
    await session.replace({ text: 'x'.repeat(bytes) })
  }
  catch (error) {
    if (!(error instanceof SessionError)) throw error
    // Nothing was changed. The visitor still has the previous session.
    const { code, message } = error
    throw createError({ statusCode: 413, message, data: { code } })
  }
  return { bytes }
})
