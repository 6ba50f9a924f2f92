export default defineEventHandler(async (event) => {
  const session = await useSession(event)
  // `undefined` removes the key, the rest stays.
  await session.update({ count: undefined })
  return session
})
