export default defineEventHandler(async (event) => {
  const session = await useSession(event)
  // `undefined` removes the key and keeps the others.
  await session.update({ count: undefined })
  return session
})
