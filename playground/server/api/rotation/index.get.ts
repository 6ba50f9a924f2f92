export default defineEventHandler(async (event) => {
  // Configured with both passwords: the first seals, all unseal.
  const session = await useSession(event, { name: 'rotation' })
  return { data: session.data, sealedWith: await sealedWith(event) }
})
