"""What makes a chart render its Canary: the conditions around it, solved, and the answer verified by Helm.

sites    where the Canary stands, through includes, and the conditions around it
symbols  what an expression speaks of: a path from the root, a constant, a call of these
wishes   which values make a condition true or false
switch   the smallest change of values, namespace and API versions under which Helm renders the Canary
"""

from __future__ import annotations

from chartgen.manifests.switches.switch import Switch, find_switch

__all__ = ["Switch", "find_switch"]
