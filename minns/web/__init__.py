"""Pages in the browser for those who decide: log in, review, and a log of who looked at whom.

Server-rendered and whole without scripts. The pages show what the command line shows, by the same
code; here is only what a browser needs: users, sessions, forms and what may be seen by whom.
"""
