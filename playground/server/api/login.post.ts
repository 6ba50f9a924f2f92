const THIRTY_DAYS = 30 * 24 * 60 * 60

export default defineEventHandler(async (event) => {
  const body = await readBody<{ name?: string, remember?: boolean }>(event)
  const userId = String(body?.name ?? '').trim().slice(0, 40)
  // A real app checks a password or a passkey here.
  if (!userId)
    throw createError({ statusCode: 400, message: 'Enter a name.' })

  const session = await useSession(event)
  await session.regenerate({
    userId,
    data: { public: { name: userId } },
    maxAge: body.remember ? THIRTY_DAYS : undefined,
  })
  return { userId }
})
