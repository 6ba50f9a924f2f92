export default defineEventHandler(async (event) => {
  await clearSession(event, { name: 'devices' })
  return sendNoContent(event)
})
