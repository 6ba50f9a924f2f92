export default defineEventHandler(async (event) => {
  // Configured with both passwords. A cookie sealed with the old one is replaced.
  const session = await useSession(event, { name: 'rotation' })
  return { data: session.data, sealedWith: await sealedWith(event) }
})
