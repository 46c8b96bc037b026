// Swagger UI speaks English only: its own words are replaced by Chinese ones as it draws them; names of the API stay.
(function () {
  "use strict";

  const WORDS = {
    "Authorize": "填写令牌", "Available authorizations": "可用的认证方式", "Logout": "清除", "Close": "关闭", "Authorized": "已填写",
    "Value:": "令牌：", "Value": "值", "Try it out": "试一试", "Cancel": "取消", "Execute": "发送", "Clear": "清除结果", "Reset": "还原",
    "Parameters": "参数", "No parameters": "没有参数", "Name": "名称", "Description": "说明", "Request body": "请求内容", "required": "必填",
    "Responses": "返回", "Response": "返回", "Code": "状态码", "Links": "链接", "No links": "无", "Server response": "服务器返回", "Details": "详情",
    "Response body": "返回内容", "Response headers": "返回头", "Request URL": "请求网址", "Curl": "命令行", "Download": "下载", "Media type": "格式",
    "Example Value": "示例", "Schema": "结构", "Schemas": "数据结构", "Controls": "由请求头", "header.": "决定。", "Accept": "Accept", "Loading": "读取中",
    "Successful Response": "成功", "OK": "成功", "Accepted": "已接受", "Expand all": "全部展开", "Collapse all": "全部收起", "Send empty value": "发送空值",
    "Default value": "默认值", "Available values": "可选值", "Undocumented": "没有写明", "Copy to clipboard": "复制", "Response content type": "返回格式",
    "Failed to load API definition.": "接口描述没有读到，请刷新再试。", "Errors": "错误", "Hide": "收起", "Failed to fetch.": "没有连上服务器。",
  };
  const ATTRIBUTES = ["aria-label", "title", "placeholder"];
  const PATTERNS = [[/^authorization button unlocked$/, "填写令牌"], [/^authorization button locked$/, "已填写令牌"], [/^Name:\s*$/, "名称："], [/^In:\s*$/, "位置："]];

  function said(text) {
    const bare = text.trim();
    if (WORDS[bare]) return text.replace(bare, WORDS[bare]);
    for (const [pattern, word] of PATTERNS) if (pattern.test(bare)) return word;
    return text;
  }
  function translate(node) {
    if (node.nodeType === Node.TEXT_NODE) {
      if (node.parentElement && node.parentElement.closest("pre, code, textarea, .highlight-code")) return;
      const chinese = said(node.nodeValue);
      if (chinese !== node.nodeValue) node.nodeValue = chinese;
      return;
    }
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    for (const name of ATTRIBUTES) if (node.hasAttribute(name)) {
      const chinese = said(node.getAttribute(name));
      if (chinese !== node.getAttribute(name)) node.setAttribute(name, chinese);
    }
    for (const child of node.childNodes) translate(child);
  }
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "characterData") translate(change.target);
      for (const node of change.addedNodes) translate(node);
    }
  }).observe(document.getElementById("swagger-ui"), { childList: true, subtree: true, characterData: true });
})();
