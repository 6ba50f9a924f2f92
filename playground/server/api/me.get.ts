export default defineEventHandler(async (event) => {
  const session = await useSession(event)
  return {
    userId: session.userId,
    authenticatedAt: session.authenticatedAt,
    expiresAt: session.expiresAt,
    // Identifies the session, but gives no access to it.
    handle: session.isNew ? undefined : session.handle,
  }
})
