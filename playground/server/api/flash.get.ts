export default defineEventHandler(async (event) => {
  const session = await useSession(event)
  // Read once, and removed.
  const notice = await session.flash<string>('notice')
  return { notice }
})
