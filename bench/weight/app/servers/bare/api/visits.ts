export default defineEventHandler(() => ({ visits: 1 }))
