export default defineEventHandler(async (event) => {
  const body = await readBody<{ name?: string }>(event)
  const userId = String(body?.name ?? '').trim().slice(0, 40)
  if (!userId)
    throw createError({ statusCode: 400, message: 'Enter a name.' })

  // Until now nothing was stored for this visitor.
  const session = await useSession(event, { name: 'devices' })
  await session.regenerate({ userId })
  return { userId }
})
