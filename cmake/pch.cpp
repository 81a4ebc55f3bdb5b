// Exists so that goop_pch is a target; see pch.h.
