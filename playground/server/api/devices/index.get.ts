export default defineEventHandler(async (event) => {
  const session = await useSession(event, { name: 'devices' })
  const { userId } = session
  if (!userId) return { userId, devices: [] }

  const { sessions } = await listSessions({ userId }, { name: 'devices' })
  // A handle names a session, and cannot be used as one.
  const devices = sessions.map(({ handle, userAgent, authenticatedAt }) => ({
    handle,
    userAgent,
    authenticatedAt,
    isThis: handle === session.handle,
  }))
  return { userId, devices }
})
