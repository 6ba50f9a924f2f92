export default defineEventHandler(async (event) => {
  const { userId } = await requireSession(event, {
    userId: true, config: { name: 'devices' },
  })
  const { handle } = await readBody<{ handle?: string }>(event)

  // Only devices of the same user.
  const { sessions } = await listSessions({ userId }, { name: 'devices' })
  const device = sessions.find(listed => listed.handle === handle)
  if (!device)
    throw createError({ statusCode: 404, message: 'This device is already logged out.' })

  await revokeSession(device.handle, { name: 'devices' })
  return sendNoContent(event)
})
