export default defineEventHandler(async (event) => {
  const session = await useSession(event)
  return {
    userId: session.userId,
    authenticatedAt: session.authenticatedAt,
    expiresAt: session.expiresAt,
    // Names the session, and cannot be used as one.
    handle: session.isNew ? undefined : session.handle,
  }
})
