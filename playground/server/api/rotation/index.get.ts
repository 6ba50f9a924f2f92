export default defineEventHandler(async (event) => {
  // Configured with both passwords: a cookie of the old one is replaced.
  const session = await useSession(event, { name: 'rotation' })
  return { data: session.data, sealedWith: await sealedWith(event) }
})
