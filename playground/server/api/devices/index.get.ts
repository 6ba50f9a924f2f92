export default defineEventHandler(async (event) => {
  const session = await useSession(event, { name: 'devices' })
  const { userId } = session
  if (!userId) return { userId, devices: [] }

  const { sessions } = await listSessions({ userId }, { name: 'devices' })
  // A handle identifies a session, but gives no access to it.
  const devices = sessions.map(({ handle, userAgent, authenticatedAt }) => ({
    handle,
    userAgent,
    authenticatedAt,
    isThis: handle === session.handle,
  }))
  return { userId, devices }
})
