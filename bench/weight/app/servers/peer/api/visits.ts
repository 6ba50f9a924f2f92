export default defineEventHandler(async (event) => {
  const { visits = 0 } = await getUserSession(event) as { visits?: number }
  await setUserSession(event, { visits: visits + 1 })
  return { visits: visits + 1 }
})
