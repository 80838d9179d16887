"""How many people: targets, demand, first guess, repair by simulation, cutting planes, shifts.

Belongs here: everything between a staffing target and the plan that meets it. Does not belong here:
channels (`study.channels`), pages (`report`).
"""
