// Generated from crds/monitoring.coreos.com.yaml by scripts/import.mjs: do not edit.
import { ApiObject, ApiObjectMetadata, GroupVersionKind } from 'cdk8s';
import { Construct } from 'constructs';
/**
 * Alerts and recorded series that Prometheus evaluates.
 *
 * @schema PrometheusRule
 */
export declare class PrometheusRule extends ApiObject {
    /**
     * Returns the apiVersion and kind for "PrometheusRule"
     */
    static readonly GVK: GroupVersionKind;
    /**
     * Renders a Kubernetes manifest for "PrometheusRule".
     *
     * This can be used to inline resource manifests inside other objects (e.g. as templates).
     *
     * @param props initialization props
     */
    static manifest(props: PrometheusRuleProps): any;
    /**
     * Defines a "PrometheusRule" API object
     * @param scope the scope in which to define this object
     * @param id a scope-local name for the object
     * @param props initialization props
     */
    constructor(scope: Construct, id: string, props: PrometheusRuleProps);
    /**
     * Renders the object to Kubernetes JSON.
     */
    toJson(): any;
}
/**
 * Alerts and recorded series that Prometheus evaluates.
 *
 * @schema PrometheusRule
 */
export interface PrometheusRuleProps {
    /**
     * @schema PrometheusRule#metadata
     */
    readonly metadata?: ApiObjectMetadata;
    /**
     * The rules, in groups.
     *
     * @schema PrometheusRule#spec
     */
    readonly spec: PrometheusRuleSpec;
}
/**
 * Converts an object of type 'PrometheusRuleProps' to JSON representation.
 */
export declare function toJson_PrometheusRuleProps(obj: PrometheusRuleProps | undefined): Record<string, any> | undefined;
/**
 * The rules, in groups.
 *
 * @schema PrometheusRuleSpec
 */
export interface PrometheusRuleSpec {
    /**
     * Groups of rules; the rules of one group are evaluated together, in order.
     *
     * @schema PrometheusRuleSpec#groups
     */
    readonly groups: PrometheusRuleSpecGroups[];
}
/**
 * Converts an object of type 'PrometheusRuleSpec' to JSON representation.
 */
export declare function toJson_PrometheusRuleSpec(obj: PrometheusRuleSpec | undefined): Record<string, any> | undefined;
/**
 * @schema PrometheusRuleSpecGroups
 */
export interface PrometheusRuleSpecGroups {
    /**
     * Name of the group, unique within the object.
     *
     * @schema PrometheusRuleSpecGroups#name
     */
    readonly name: string;
    /**
     * Time between two evaluations, such as 30s. Prometheus' own default when it is left out.
     *
     * @schema PrometheusRuleSpecGroups#interval
     */
    readonly interval?: string;
    /**
     * The rules of this group.
     *
     * @schema PrometheusRuleSpecGroups#rules
     */
    readonly rules: PrometheusRuleSpecGroupsRules[];
}
/**
 * Converts an object of type 'PrometheusRuleSpecGroups' to JSON representation.
 */
export declare function toJson_PrometheusRuleSpecGroups(obj: PrometheusRuleSpecGroups | undefined): Record<string, any> | undefined;
/**
 * One alert (`alert`) or one recorded series (`record`).
 *
 * @schema PrometheusRuleSpecGroupsRules
 */
export interface PrometheusRuleSpecGroupsRules {
    /**
     * Name of the alert.
     *
     * @schema PrometheusRuleSpecGroupsRules#alert
     */
    readonly alert?: string;
    /**
     * Name of the series the result is recorded as.
     *
     * @schema PrometheusRuleSpecGroupsRules#record
     */
    readonly record?: string;
    /**
     * PromQL expression.
     *
     * @schema PrometheusRuleSpecGroupsRules#expr
     */
    readonly expr: PrometheusRuleSpecGroupsRulesExpr;
    /**
     * Time the expression must hold before the alert fires, such as 5m.
     *
     * @schema PrometheusRuleSpecGroupsRules#for
     */
    readonly for?: string;
    /**
     * Labels added to the alert or the series.
     *
     * @schema PrometheusRuleSpecGroupsRules#labels
     */
    readonly labels?: {
        [key: string]: string;
    };
    /**
     * Texts for the person who is alerted, such as summary and description.
     *
     * @schema PrometheusRuleSpecGroupsRules#annotations
     */
    readonly annotations?: {
        [key: string]: string;
    };
}
/**
 * Converts an object of type 'PrometheusRuleSpecGroupsRules' to JSON representation.
 */
export declare function toJson_PrometheusRuleSpecGroupsRules(obj: PrometheusRuleSpecGroupsRules | undefined): Record<string, any> | undefined;
/**
 * PromQL expression.
 *
 * @schema PrometheusRuleSpecGroupsRulesExpr
 */
export type PrometheusRuleSpecGroupsRulesExpr = number | string;
/**
 * Tells Prometheus which Services to scrape, and how.
 *
 * @schema ServiceMonitor
 */
export declare class ServiceMonitor extends ApiObject {
    /**
     * Returns the apiVersion and kind for "ServiceMonitor"
     */
    static readonly GVK: GroupVersionKind;
    /**
     * Renders a Kubernetes manifest for "ServiceMonitor".
     *
     * This can be used to inline resource manifests inside other objects (e.g. as templates).
     *
     * @param props initialization props
     */
    static manifest(props: ServiceMonitorProps): any;
    /**
     * Defines a "ServiceMonitor" API object
     * @param scope the scope in which to define this object
     * @param id a scope-local name for the object
     * @param props initialization props
     */
    constructor(scope: Construct, id: string, props: ServiceMonitorProps);
    /**
     * Renders the object to Kubernetes JSON.
     */
    toJson(): any;
}
/**
 * Tells Prometheus which Services to scrape, and how.
 *
 * @schema ServiceMonitor
 */
export interface ServiceMonitorProps {
    /**
     * @schema ServiceMonitor#metadata
     */
    readonly metadata?: ApiObjectMetadata;
    /**
     * Which Services are scraped, and how.
     *
     * @schema ServiceMonitor#spec
     */
    readonly spec: ServiceMonitorSpec;
}
/**
 * Converts an object of type 'ServiceMonitorProps' to JSON representation.
 */
export declare function toJson_ServiceMonitorProps(obj: ServiceMonitorProps | undefined): Record<string, any> | undefined;
/**
 * Which Services are scraped, and how.
 *
 * @schema ServiceMonitorSpec
 */
export interface ServiceMonitorSpec {
    /**
     * Label of the Service whose value becomes the `job` label of the scraped series.
     *
     * @schema ServiceMonitorSpec#jobLabel
     */
    readonly jobLabel?: string;
    /**
     * Labels of the Service that are copied onto the scraped series.
     *
     * @schema ServiceMonitorSpec#targetLabels
     */
    readonly targetLabels?: string[];
    /**
     * Where the Services are looked for. Without it, only in the monitor's own namespace.
     *
     * @schema ServiceMonitorSpec#namespaceSelector
     */
    readonly namespaceSelector?: ServiceMonitorSpecNamespaceSelector;
    /**
     * Labels by which the Services are found.
     *
     * @schema ServiceMonitorSpec#selector
     */
    readonly selector: ServiceMonitorSpecSelector;
    /**
     * Ports of the Services that are scraped.
     *
     * @schema ServiceMonitorSpec#endpoints
     */
    readonly endpoints: ServiceMonitorSpecEndpoints[];
}
/**
 * Converts an object of type 'ServiceMonitorSpec' to JSON representation.
 */
export declare function toJson_ServiceMonitorSpec(obj: ServiceMonitorSpec | undefined): Record<string, any> | undefined;
/**
 * Where the Services are looked for. Without it, only in the monitor's own namespace.
 *
 * @schema ServiceMonitorSpecNamespaceSelector
 */
export interface ServiceMonitorSpecNamespaceSelector {
    /**
     * Look in every namespace.
     *
     * @schema ServiceMonitorSpecNamespaceSelector#any
     */
    readonly any?: boolean;
    /**
     * Look in these namespaces.
     *
     * @schema ServiceMonitorSpecNamespaceSelector#matchNames
     */
    readonly matchNames?: string[];
}
/**
 * Converts an object of type 'ServiceMonitorSpecNamespaceSelector' to JSON representation.
 */
export declare function toJson_ServiceMonitorSpecNamespaceSelector(obj: ServiceMonitorSpecNamespaceSelector | undefined): Record<string, any> | undefined;
/**
 * Labels by which the Services are found.
 *
 * @schema ServiceMonitorSpecSelector
 */
export interface ServiceMonitorSpecSelector {
    /**
     * Labels a Service must have, each with exactly this value.
     *
     * @schema ServiceMonitorSpecSelector#matchLabels
     */
    readonly matchLabels?: {
        [key: string]: string;
    };
    /**
     * Further conditions on the labels of a Service; all must hold.
     *
     * @schema ServiceMonitorSpecSelector#matchExpressions
     */
    readonly matchExpressions?: ServiceMonitorSpecSelectorMatchExpressions[];
}
/**
 * Converts an object of type 'ServiceMonitorSpecSelector' to JSON representation.
 */
export declare function toJson_ServiceMonitorSpecSelector(obj: ServiceMonitorSpecSelector | undefined): Record<string, any> | undefined;
/**
 * @schema ServiceMonitorSpecEndpoints
 */
export interface ServiceMonitorSpecEndpoints {
    /**
     * Name of the Service's port.
     *
     * @schema ServiceMonitorSpecEndpoints#port
     */
    readonly port: string;
    /**
     * HTTP path of the metrics. Prometheus takes /metrics when it is left out.
     *
     * @schema ServiceMonitorSpecEndpoints#path
     */
    readonly path?: string;
    /**
     * Time between two scrapes, such as 30s.
     *
     * @schema ServiceMonitorSpecEndpoints#interval
     */
    readonly interval?: string;
    /**
     * Time after which a scrape is given up; at most the interval.
     *
     * @schema ServiceMonitorSpecEndpoints#scrapeTimeout
     */
    readonly scrapeTimeout?: string;
    /**
     * Rules applied to the target's labels before it is scraped.
     *
     * @schema ServiceMonitorSpecEndpoints#relabelings
     */
    readonly relabelings?: ServiceMonitorSpecEndpointsRelabelings[];
    /**
     * Rules applied to every sample before it is stored.
     *
     * @schema ServiceMonitorSpecEndpoints#metricRelabelings
     */
    readonly metricRelabelings?: ServiceMonitorSpecEndpointsMetricRelabelings[];
}
/**
 * Converts an object of type 'ServiceMonitorSpecEndpoints' to JSON representation.
 */
export declare function toJson_ServiceMonitorSpecEndpoints(obj: ServiceMonitorSpecEndpoints | undefined): Record<string, any> | undefined;
/**
 * @schema ServiceMonitorSpecSelectorMatchExpressions
 */
export interface ServiceMonitorSpecSelectorMatchExpressions {
    /**
     * Label the condition is about.
     *
     * @schema ServiceMonitorSpecSelectorMatchExpressions#key
     */
    readonly key: string;
    /**
     * How the label is compared with the values.
     *
     * @schema ServiceMonitorSpecSelectorMatchExpressions#operator
     */
    readonly operator: ServiceMonitorSpecSelectorMatchExpressionsOperator;
    /**
     * Values for In and NotIn; empty for Exists and DoesNotExist.
     *
     * @schema ServiceMonitorSpecSelectorMatchExpressions#values
     */
    readonly values?: string[];
}
/**
 * Converts an object of type 'ServiceMonitorSpecSelectorMatchExpressions' to JSON representation.
 */
export declare function toJson_ServiceMonitorSpecSelectorMatchExpressions(obj: ServiceMonitorSpecSelectorMatchExpressions | undefined): Record<string, any> | undefined;
/**
 * @schema ServiceMonitorSpecEndpointsRelabelings
 */
export interface ServiceMonitorSpecEndpointsRelabelings {
    /**
     * Labels whose values are joined and matched against the regular expression.
     *
     * @schema ServiceMonitorSpecEndpointsRelabelings#sourceLabels
     */
    readonly sourceLabels?: string[];
    /**
     * Text put between the joined values.
     *
     * @schema ServiceMonitorSpecEndpointsRelabelings#separator
     */
    readonly separator?: string;
    /**
     * Label that receives the result.
     *
     * @schema ServiceMonitorSpecEndpointsRelabelings#targetLabel
     */
    readonly targetLabel?: string;
    /**
     * Regular expression (RE2) the joined value must match.
     *
     * @schema ServiceMonitorSpecEndpointsRelabelings#regex
     */
    readonly regex?: string;
    /**
     * Divisor for the action hashmod.
     *
     * @schema ServiceMonitorSpecEndpointsRelabelings#modulus
     */
    readonly modulus?: number;
    /**
     * New value; may refer to groups of the regular expression.
     *
     * @schema ServiceMonitorSpecEndpointsRelabelings#replacement
     */
    readonly replacement?: string;
    /**
     * What is done on a match, such as replace, keep, drop or labeldrop.
     *
     * @schema ServiceMonitorSpecEndpointsRelabelings#action
     */
    readonly action?: string;
}
/**
 * Converts an object of type 'ServiceMonitorSpecEndpointsRelabelings' to JSON representation.
 */
export declare function toJson_ServiceMonitorSpecEndpointsRelabelings(obj: ServiceMonitorSpecEndpointsRelabelings | undefined): Record<string, any> | undefined;
/**
 * @schema ServiceMonitorSpecEndpointsMetricRelabelings
 */
export interface ServiceMonitorSpecEndpointsMetricRelabelings {
    /**
     * Labels whose values are joined and matched against the regular expression.
     *
     * @schema ServiceMonitorSpecEndpointsMetricRelabelings#sourceLabels
     */
    readonly sourceLabels?: string[];
    /**
     * Text put between the joined values.
     *
     * @schema ServiceMonitorSpecEndpointsMetricRelabelings#separator
     */
    readonly separator?: string;
    /**
     * Label that receives the result.
     *
     * @schema ServiceMonitorSpecEndpointsMetricRelabelings#targetLabel
     */
    readonly targetLabel?: string;
    /**
     * Regular expression (RE2) the joined value must match.
     *
     * @schema ServiceMonitorSpecEndpointsMetricRelabelings#regex
     */
    readonly regex?: string;
    /**
     * Divisor for the action hashmod.
     *
     * @schema ServiceMonitorSpecEndpointsMetricRelabelings#modulus
     */
    readonly modulus?: number;
    /**
     * New value; may refer to groups of the regular expression.
     *
     * @schema ServiceMonitorSpecEndpointsMetricRelabelings#replacement
     */
    readonly replacement?: string;
    /**
     * What is done on a match, such as replace, keep, drop or labeldrop.
     *
     * @schema ServiceMonitorSpecEndpointsMetricRelabelings#action
     */
    readonly action?: string;
}
/**
 * Converts an object of type 'ServiceMonitorSpecEndpointsMetricRelabelings' to JSON representation.
 */
export declare function toJson_ServiceMonitorSpecEndpointsMetricRelabelings(obj: ServiceMonitorSpecEndpointsMetricRelabelings | undefined): Record<string, any> | undefined;
/**
 * How the label is compared with the values.
 *
 * @schema ServiceMonitorSpecSelectorMatchExpressionsOperator
 */
export type ServiceMonitorSpecSelectorMatchExpressionsOperator = "In" | "NotIn" | "Exists" | "DoesNotExist";
