# The Autobahn Testsuite's fuzzing client, under Jython. Arguments: the jar that packs the suite, a specification in JSON.
# The jar joins the path only here: a site.py in it would otherwise take the place of Jython's own at start.
import json
import sys

suite, specification = sys.argv[1:3]
sys.path.insert(0, suite)
from autobahntestsuite import wstest

with open(specification) as source:
    cases = json.load(source)
wstest.start({"mode": "fuzzingclient", "debug": False, "autobahndebug": False}, cases)
