{{ resolve_rules(ref('telemetry_rules'), keys=['rule', 'parameter'], values=['value']) }}
