export default defineEventHandler(async (event) => {
  const session = await useSession(event)
  await session.clear()
  return sendNoContent(event)
})
