export default defineEventHandler(async (event) => {
  // 401 for visitors who are not logged in.
  const session = await requireSession(event, { userId: true })
  return { greeting: `Only you read this, ${session.userId}.` }
})
