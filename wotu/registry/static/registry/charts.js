// Draws every element that carries data-chart: "spark" is a small line, "history" a chart with axes.
// The points are JSON in data-points: [[label, value|null, note], …]; the unit is data-unit.
(function () {
  "use strict";

  const style = getComputedStyle(document.documentElement);
  const colour = (name, fallback) => style.getPropertyValue(name).trim() || fallback;
  const accent = colour("--wotu-accent", "#68752f");
  const grey = colour("--wotu-muted", "#6b7280");
  const font = '"Noto Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif';

  // One unit for a whole chart, chosen by its largest value.
  function scale(unit, values) {
    const top = Math.max(0, ...values.filter((v) => v !== null).map(Math.abs));
    if (unit === "元" && top >= 1e8) return [1e8, "亿元"];
    if (unit === "元" && top >= 1e4) return [1e4, "万元"];
    if (unit === "") return [0.01, "%"];
    return [1, unit];
  }

  function number(value) {
    return value.toLocaleString("zh-CN", { maximumFractionDigits: 2 });
  }

  function spark(element, points) {
    const values = points.map((p) => p[1]);
    return {
      animation: false,
      grid: { left: 2, right: 4, top: 4, bottom: 4 },
      xAxis: { type: "category", show: false, boundaryGap: false, data: points.map((p) => p[0]) },
      yAxis: { type: "value", show: false, scale: true },
      series: [{
        type: "line", data: values, showSymbol: values.length === 1, symbolSize: 4, connectNulls: false, silent: true,
        lineStyle: { width: 1.5, color: accent }, itemStyle: { color: accent },
        areaStyle: { color: accent, opacity: 0.1 },
      }],
    };
  }

  function history(element, points) {
    const [divisor, unit] = scale(element.dataset.unit || "", points.map((p) => p[1]));
    return {
      animation: false,
      textStyle: { fontFamily: font },
      grid: { left: 8, right: 16, top: 32, bottom: 8, containLabel: true },
      tooltip: {
        trigger: "axis",
        confine: true,
        formatter: (hits) => {
          const point = points[hits[0].dataIndex];
          const line = document.createElement("div");
          const value = point[1] === null ? "未知" : number(point[1] / divisor) + " " + unit;
          line.textContent = point[0] + "：" + value + (point[2] ? "（" + point[2] + "）" : "");
          return line;
        },
      },
      xAxis: { type: "category", data: points.map((p) => p[0]), axisTick: { show: false }, axisLabel: { color: grey } },
      yAxis: {
        type: "value", name: unit, nameTextStyle: { color: grey, align: "right" },
        axisLabel: { color: grey, formatter: number }, splitLine: { lineStyle: { color: "#e5e7eb" } },
      },
      series: [{
        type: points.length > 12 ? "line" : "bar", barMaxWidth: 36, connectNulls: false,
        data: points.map((p) => (p[1] === null ? null : p[1] / divisor)), itemStyle: { color: accent },
      }],
    };
  }

  const kinds = { spark, history };

  function draw(root) {
    if (!window.echarts) return;
    for (const element of root.querySelectorAll("[data-chart]")) {
      if (window.echarts.getInstanceByDom(element) || !element.clientWidth) continue;
      const points = JSON.parse(element.dataset.points || "[]");
      const chart = window.echarts.init(element, null, { renderer: "svg" });
      chart.setOption(kinds[element.dataset.chart](element, points));
      new ResizeObserver(() => chart.resize()).observe(element);
    }
  }

  document.addEventListener("DOMContentLoaded", () => draw(document));
  document.addEventListener("htmx:afterSettle", (event) => draw(event.target.parentElement || document));
  document.addEventListener("toggle", (event) => draw(event.target), true);
})();
