export default defineEventHandler(async (event) => {
  const session = await requireSession(event, {
    userId: true, config: { name: 'devices' },
  })
  // Without `except`, this device too.
  await revokeUserSessions(session.userId!, {
    except: session, name: 'devices',
  })
  return sendNoContent(event)
})
