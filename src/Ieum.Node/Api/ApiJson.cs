using System.Text.Json;
using System.Text.Json.Serialization;
using Ieum.Connect;
using Ieum.Model;
using Microsoft.AspNetCore.Mvc;

namespace Ieum.Node.Api;

/// <summary>JSON of the API: camelCase, ISO 8601 times, words for enums; generated, so that nothing is reflected at run time.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = false,
    Converters = [typeof(CamelEnum<MachineState>), typeof(CamelEnum<LinkState>), typeof(CamelEnum<OperationStatus>), typeof(CamelEnum<Quality>),
        typeof(CamelEnum<ValueKind>), typeof(CamelEnum<SignalRole>), typeof(CamelEnum<ConditionLevel>), typeof(CamelEnum<AutonomyLevel>), typeof(CamelEnum<Ieum.Plan.BindingCause>), typeof(CamelEnum<Ieum.Plan.FixKind>), typeof(CamelEnum<Ieum.Plan.PromiseWay>),
        typeof(CamelEnum<Ieum.Plan.AlternativeKind>), typeof(CamelEnum<Ieum.Plan.CutOffCause>),
        typeof(CamelEnum<GapCause>), typeof(CamelEnum<SparkplugEdgeState>), typeof(SampleValueJson)])]
[JsonSerializable(typeof(MachineDto[]))]
[JsonSerializable(typeof(SignalDto[]))]
[JsonSerializable(typeof(ValueDto[]))]
[JsonSerializable(typeof(SampleDto[]))]
[JsonSerializable(typeof(BucketDto[]))]
[JsonSerializable(typeof(SpanDto[]))]
[JsonSerializable(typeof(OeeDto))]
[JsonSerializable(typeof(AlarmDto[]))]
[JsonSerializable(typeof(CycleDto[]))]
[JsonSerializable(typeof(OrderDto[]))]
[JsonSerializable(typeof(NewOrderDto))]
[JsonSerializable(typeof(PlanDto))]
[JsonSerializable(typeof(PlanSummaryDto[]))]
[JsonSerializable(typeof(AskPromiseDto)), JsonSerializable(typeof(TakePromiseDto)), JsonSerializable(typeof(QuoteDto)), JsonSerializable(typeof(ReservationDto[])), JsonSerializable(typeof(PromiseTakenDto))]
[JsonSerializable(typeof(LateOrderDto[])), JsonSerializable(typeof(BindingLinkDto[])), JsonSerializable(typeof(FixDto[])), JsonSerializable(typeof(ClashDto))]
[JsonSerializable(typeof(ReplanCaseDto)), JsonSerializable(typeof(DisturbancesDto)), JsonSerializable(typeof(PlanChangeDto)), JsonSerializable(typeof(ChooseDto)), JsonSerializable(typeof(ChosenDto)), JsonSerializable(typeof(BranchDto[])), JsonSerializable(typeof(BeginBranchDto)), JsonSerializable(typeof(PlanBranchDto))]
[JsonSerializable(typeof(ReplanDto))]
[JsonSerializable(typeof(ReplanAnswerDto))]
[JsonSerializable(typeof(DispatchCountsDto)), JsonSerializable(typeof(DispatchDto[]))]
[JsonSerializable(typeof(EntryDto)), JsonSerializable(typeof(EntryAnswerDto)), JsonSerializable(typeof(EntryPointDto[]))]
[JsonSerializable(typeof(KpiDefinitionDto[])), JsonSerializable(typeof(KpisDto[])), JsonSerializable(typeof(StopDto[])), JsonSerializable(typeof(StopReasonDto)), JsonSerializable(typeof(StopReasonChoiceDto[]))]
[JsonSerializable(typeof(BottleneckDto)), JsonSerializable(typeof(EnergyDto)), JsonSerializable(typeof(NewCallDto)), JsonSerializable(typeof(CallDto[]))]
[JsonSerializable(typeof(GaugeAnswerDto)), JsonSerializable(typeof(CharacteristicDto[])), JsonSerializable(typeof(ControlChartDto)), JsonSerializable(typeof(ForecastDto))]
[JsonSerializable(typeof(ShopEventDto))]
[JsonSerializable(typeof(ShopAnswerDto))]
[JsonSerializable(typeof(LoopDto[]))]
[JsonSerializable(typeof(LoopStandingDto[]))]
[JsonSerializable(typeof(NoteDto)), JsonSerializable(typeof(PlanRiskDto))]
[JsonSerializable(typeof(Ieum.Act.AuditVerdict))]
[JsonSerializable(typeof(DecisionDto))]
[JsonSerializable(typeof(AnomalyDto[])), JsonSerializable(typeof(AnomalyAnswerDto))]
[JsonSerializable(typeof(PushSubscribeDto)), JsonSerializable(typeof(PushRemoveDto)), JsonSerializable(typeof(PushKeyDto)), JsonSerializable(typeof(PushTriedDto))]
[JsonSerializable(typeof(ConnectionDto[]))]
[JsonSerializable(typeof(ConnectionTestDto))]
[JsonSerializable(typeof(SourceDto[])), JsonSerializable(typeof(GapDto[])), JsonSerializable(typeof(SparkplugEdgeStatus)), JsonSerializable(typeof(DamageDto)), JsonSerializable(typeof(EdgeSettingsDto)), JsonSerializable(typeof(SettingsChangeDto[]))]
[JsonSerializable(typeof(CorrectionDto[]))]
[JsonSerializable(typeof(SignInDto))]
[JsonSerializable(typeof(MeDto))]
[JsonSerializable(typeof(UserDto[]))]
[JsonSerializable(typeof(SaveUserDto))]
[JsonSerializable(typeof(PreferencesDto))]
[JsonSerializable(typeof(ClockDto))]
[JsonSerializable(typeof(WriteRequestDto)), JsonSerializable(typeof(WriteReasonDto)), JsonSerializable(typeof(WriteOutcomeDto)), JsonSerializable(typeof(WriteRuleDto))]
[JsonSerializable(typeof(WritesDto)), JsonSerializable(typeof(WriteAuditDto[])), JsonSerializable(typeof(WriteVerdictDto)), JsonSerializable(typeof(string))]
[JsonSerializable(typeof(Exchange.ExchangeReport)), JsonSerializable(typeof(Exchange.ExchangeReport[])), JsonSerializable(typeof(byte[]))]
[JsonSerializable(typeof(InstructionDto)), JsonSerializable(typeof(MeasurementDto)), JsonSerializable(typeof(MeasurementAnswerDto))]
[JsonSerializable(typeof(ProblemDetails))]
[JsonSerializable(typeof(HttpValidationProblemDetails))]
internal sealed partial class ApiJson : JsonSerializerContext;

internal sealed class CamelEnum<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false) where T : struct, Enum;

/// <summary>A value as plain JSON: number, true or false, text, null; NaN and the infinities, which JSON lacks, as words.</summary>
internal sealed class SampleValueJson : JsonConverter<SampleValue>
{
    public override SampleValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException("Values only leave by the API.");

    public override void Write(Utf8JsonWriter writer, SampleValue value, JsonSerializerOptions options)
    {
        switch (value.Kind)
        {
            case ValueKind.Real when double.IsFinite(value.Number): writer.WriteNumberValue(value.Number); break;
            case ValueKind.Real: writer.WriteStringValue(double.IsNaN(value.Number) ? "NaN" : value.Number > 0 ? "Infinity" : "-Infinity"); break;
            case ValueKind.Integer: writer.WriteNumberValue(value.Integer); break;
            case ValueKind.Boolean: writer.WriteBooleanValue(value.Boolean); break;
            case ValueKind.Text: writer.WriteStringValue(value.Text); break;
            default: writer.WriteNullValue(); break;
        }
    }
}
