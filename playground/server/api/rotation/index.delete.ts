export default defineEventHandler(async (event) => {
  await clearSession(event, { name: 'rotation' })
  return sendNoContent(event)
})
