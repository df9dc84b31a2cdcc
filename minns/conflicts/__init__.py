"""Facts that disagree, before a clinician: listed by danger, shown with their sources, settled.

A judgement settles a conflict and removes nothing: both facts stay, and the conflict carries who
judged, how and when. It is bound to what both sides said: when either changes, it is open again.
"""
