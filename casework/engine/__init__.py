"""BPMN, DMN and FEEL: given facts and answers, where the case stands. Knows no Flask, database, office."""
