export const demos = [
  { to: '/visits', short: 'Visits', title: 'Counting visits', call: 'session.update()', text: 'Write to the session in a server route.' },
  { to: '/login', short: 'Login', title: 'Login and logout', call: 'session.regenerate()', text: 'A new id at login, “remember me”, and a part for members.' },
  { to: '/browser', short: 'Browser', title: 'The session in the browser', call: 'useClientSession()', text: 'Show a part of the session in your components, also beside cached pages.' },
  { to: '/flash', short: 'Flash', title: 'Flash messages', call: 'session.flash()', text: 'A message that is shown once, after a redirect.' },
  { to: '/large', short: 'Large', title: 'Large sessions', call: 'cookie.maxBytes', text: 'Split over several cookies, with an error when it is too large.' },
  { to: '/rotation', short: 'Rotation', title: 'Password rotation', call: 'password: [new, old]', text: 'Change the password, and visitors stay logged in.' },
  { to: '/store', short: 'Store', title: 'Sessions in a store', call: 'listSessions()', text: 'List the devices of a user, and log them out.' },
] as const
