{{ resolve_rules(ref('health_bands'), keys=['health_band'], values=['min_score']) }}
