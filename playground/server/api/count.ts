export default defineEventHandler(async (event) => {
  const session = await useSession(event)
  const count = (session.data.count || 0) + 1
  await session.update({ count })
  return session
})
